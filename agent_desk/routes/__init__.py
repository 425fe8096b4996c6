"""The API's operations, one module a subject; each has `table`, in which its operations are entered."""
