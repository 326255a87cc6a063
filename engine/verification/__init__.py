"""What holds of every patient that the vocabulary allows, proved or refuted by a solver; each refutation has a witness."""
