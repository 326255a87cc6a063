"""Words for the parts that every report is made of."""
