"""Questions about a patient beyond the single run: certainty, counterfactuals, sensitivity, what to ask."""
