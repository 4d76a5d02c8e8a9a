"""Talk about proposals: what is sent to whom, questions with their answers, and comments."""
