"""ytarchive: a declarative YouTube archiver."""

__version__ = "0.1.0"
