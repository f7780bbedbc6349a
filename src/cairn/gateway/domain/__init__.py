"""What is said to language models, who serves them, and what may be spent: values and rules without I/O."""
