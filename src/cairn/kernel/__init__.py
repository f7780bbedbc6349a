"""Pure ground shared by every slice. Imports the standard library only."""
