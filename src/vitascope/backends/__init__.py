"""Everything that touches the outside: media decoders, model runtimes, stores, the home folder."""
