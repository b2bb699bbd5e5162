"""What crosses of PyTorch: tensors with gradients, modules, optimizers, random numbers."""
