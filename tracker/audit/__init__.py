"""The audit trail: triggers that write it, the chain that seals it, and the proof that both are whole."""
