"""How fast is the core job, beside the tools that others use? `python -m tests.bench` measures and judges."""
