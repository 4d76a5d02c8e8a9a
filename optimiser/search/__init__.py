"""The search: relax, assign, repair and strengthen, until the gap or the time is reached."""
