"""Where a student's cells run: started clean, locked in, and thrown away."""

READY = b"ready"  # what a nursery says when it is
STOPPED = "stopped"  # what a guardian says of a candidate that the examiner had it end
