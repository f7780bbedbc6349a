"""Chat: questions answered from the decisions, with citations."""
