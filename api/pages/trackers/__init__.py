"""The pages of trackers: their enrolment, vehicles, keys, and what phones are set up with."""
