"""What people and tools do with providers, models and money."""
