"""The HTTP endpoints that other tools know: those of OpenAI and of Anthropic."""
