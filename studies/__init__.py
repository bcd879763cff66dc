"""Study specs that come with the package, ready for `nebula tune`."""
