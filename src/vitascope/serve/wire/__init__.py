"""What goes over the wire: the API's own models, apart from the records, so that either may change alone.

`asked` is what clients send, `answers` what they get, `shape` makes answers of records. Internal keys stay inside.
"""
