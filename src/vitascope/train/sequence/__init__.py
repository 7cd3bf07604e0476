"""The sequential model: a causal transformer over what people did, trained on the CPU in minutes.

data      tokens -> batches of windows            network   the transformer and its item vectors
loss      softmax over all or many items          loop      steps, looks at held-out items, the best state
export    the network as plain arrays             learn     all of it: histories and content in, arrays out

Serving needs no torch: recommend/sequence.py computes the same in numpy.
"""
