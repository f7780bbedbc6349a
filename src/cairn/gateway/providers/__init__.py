"""Adapters, one file a provider. Adding one needs a file here and a line in `factory.py`."""
