"""The door: who may come in, who is sent away, and how often somebody may knock. Before any page is made."""
