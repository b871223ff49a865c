"""One question a module, one frozen answer each."""
