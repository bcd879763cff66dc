"""Nebulae that come with the package, ready for `nebula.Nebula.load`."""
