"""What is handed back: the executed notebook for nbgrader, and a page for the student."""
