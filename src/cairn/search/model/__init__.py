"""What search computes with: the embedding model, passages, words and scores."""
