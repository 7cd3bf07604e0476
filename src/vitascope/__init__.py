"""Vitascope: a self-hosted recommender that watches and listens."""

__version__ = "0.1.0"
