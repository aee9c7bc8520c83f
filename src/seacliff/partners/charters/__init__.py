"""The working agreement between T&S and a function: its document, which version holds, whom it sends an ask to."""
