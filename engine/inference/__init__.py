"""One consultation: knowledge compiled to productions, run by Experta, and recorded while it happens."""
