"""Routes by subject. Each parses, calls the library once (and once more for cards), and shapes."""
