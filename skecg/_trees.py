"""Decision trees as plain arrays, and back once they have been checked.

Compiled code follows the numbers of the nodes without asking whether these exist.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble._forest import BaseForest
from sklearn.tree import BaseDecisionTree
from sklearn.tree._tree import NODE_DTYPE, Tree


def tree_to_arrays(tree: Tree) -> dict[str, Any]:
    """Take a tree apart.

    Parameters
    ----------
    tree : Tree
        scikit-learn's.

    Returns
    -------
    dict
        Its arrays by name.
    """
    state = tree.__getstate__()
    nodes = {name: np.ascontiguousarray(state["nodes"][name]) for name in NODE_DTYPE.names}
    return {
        "n_features": int(tree.n_features),
        "n_classes": np.asarray(tree.n_classes),
        "max_depth": int(state["max_depth"]),
        "values": state["values"],
        "nodes": nodes,
    }


def tree_from_arrays(arrays: dict[str, Any]) -> Tree:
    """Put a tree together again.

    Parameters
    ----------
    arrays : dict
        As from `tree_to_arrays`, from anyone.

    Returns
    -------
    Tree

    Raises
    ------
    ValueError
        If a node leads nowhere, back, or to a feature that there is not.
    """
    n_features = int(arrays["n_features"])
    n_classes = np.array(arrays["n_classes"], dtype=np.intp, ndmin=1)
    values = np.ascontiguousarray(arrays["values"], dtype=np.float64)
    count = len(values)
    nodes = np.zeros(count, dtype=NODE_DTYPE)
    for name in NODE_DTYPE.names:
        nodes[name] = arrays["nodes"][name]
    left, right = nodes["left_child"], nodes["right_child"]
    leaf = left == -1
    own = np.arange(count)
    inner = (own < left) & (left < count) & (own < right) & (right < count)
    known = (nodes["feature"] >= 0) & (nodes["feature"] < n_features)
    shape = (count, len(n_classes), n_classes.max(initial=0))
    sound = leaf & (right == -1) | inner & known
    if not count or not sound.all() or n_classes.min() < 1 or values.shape != shape:
        raise ValueError("it has a decision tree that does not hold together")
    tree = Tree(n_features, n_classes, len(n_classes))
    depth = int(arrays["max_depth"])
    tree.__setstate__({"max_depth": depth, "node_count": count, "nodes": nodes, "values": values})
    return tree


def check_trees(cls: type, state: dict[str, Any]) -> None:
    """Refuse an estimator whose trees look at more features than it asks for.

    Parameters
    ----------
    cls : class
        The estimator's.
    state : dict
        Its attributes.

    Raises
    ------
    ValueError
        If it does.
    """
    trees = []
    if issubclass(cls, BaseDecisionTree) and "tree_" in state:
        trees = [state["tree_"]]
    elif issubclass(cls, BaseForest):
        trees = [getattr(member, "tree_", None) for member in state.get("estimators_", ())]
    for tree in trees:
        if not isinstance(tree, Tree) or tree.n_features != state.get("n_features_in_"):
            raise ValueError("it has a decision tree of other features than its estimator")
