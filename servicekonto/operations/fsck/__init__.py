"""Is what is stored what it should be? Names of rules and ids are told, nothing else."""
