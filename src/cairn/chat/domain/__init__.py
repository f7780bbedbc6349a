"""Questions and answers, as pure rules: events, sources, citations, quotes, prompts."""
