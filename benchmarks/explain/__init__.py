"""How true the explanations are: a home to ask, deletion tests, the checker of sentences, the report."""
