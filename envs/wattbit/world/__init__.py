"""The coupled world: packed state, one step that couples the laws, builds and batch driver."""
