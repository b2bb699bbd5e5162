"""Where a student's cells run: started clean, locked in, and thrown away."""

READY = b"ready"  # what a nursery says when it is
