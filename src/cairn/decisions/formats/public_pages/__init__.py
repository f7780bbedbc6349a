"""Public pages: HTML that needs no script, a feed, a map for search engines, and pictures for previews."""
