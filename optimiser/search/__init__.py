"""The search: relax, drive, repair and strengthen, until the gap or the time is reached."""
