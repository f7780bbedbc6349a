"""What search does, one function a verb."""
