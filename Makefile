# Thin on purpose: ./run does the work, and does it without make too.
VERBS := setup demo serve test test-all lint fmt bench lock clean

.PHONY: help $(VERBS)
help:
	@./run help

$(VERBS):
	@./run $@ $(ARGS)
