"""The gate every order that adds risk passes, and its rules."""
