"""The contract: problem, plan, files, check and remarks. The solver knows nothing else."""
