"""What people do with chat, one function each."""
