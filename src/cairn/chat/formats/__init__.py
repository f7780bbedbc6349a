"""Events and conversations in the words of the wire schema, and as Markdown."""
