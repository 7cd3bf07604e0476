"""The ports rooms call: Protocols only. Each names the contract suite under tests/contracts/ its implementations pass."""
