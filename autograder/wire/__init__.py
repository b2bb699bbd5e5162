"""What crosses between the examiner, which is trusted, and the candidate, which is not."""
