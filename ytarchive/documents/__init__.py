"""What is told as JSON, the same by the command line and by the API: the values, and how they are made of a `World`."""
