"""The provider's routes: reading requests, writing answers, nothing else."""
