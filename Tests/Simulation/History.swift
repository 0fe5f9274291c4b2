// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Ledger
import Synchronization

/// Every tree that anybody ever meant to make, and which continues which: what the invariants are
/// checked against. Trees are named by the text of their checkpoints.
package final class History: Sendable {
  private struct Node {
    let tree: MerkleFrontier
    /// All of them but those of the first tree. One tree may come about in several batches or in one,
    /// so it is the leaves that say what continues what.
    let leaves: [Digest]
    var isCommitted: Bool
  }

  private struct State {
    var nodes: [[UInt8]: Node] = [:]
  }

  private let state = Mutex(State())
  private let origin: String

  /// The history of one log, from a first tree on.
  package init(origin: String, first: [UInt8], tree: MerkleFrontier) {
    self.origin = origin
    state.withLock {
      $0.nodes[first] = Node(tree: tree, leaves: [], isCommitted: true)
    }
  }

  /// A batch is staged.
  ///
  /// - Returns: what is wrong with it, if anything is.
  func stage(_ batch: StagedBatch, after old: [UInt8]) -> String? {
    state.withLock { state in
      guard let parent = state.nodes[old] else { return "staged after an unknown tree" }
      let leaves = batch.entries.map(MerkleTree.leafHash)
      var tree = parent.tree
      for leaf in leaves { tree.append(leaf) }
      let name: [UInt8]
      do {
        name = [UInt8](try Checkpoint(origin: origin, size: tree.size, root: tree.root).text.utf8)
      } catch { return "\(error)" }
      guard name == batch.checkpoint, batch.oldSize == parent.tree.size else {
        return "staged with a checkpoint of another tree"
      }
      if state.nodes[name] == nil {
        state.nodes[name] = Node(tree: tree, leaves: parent.leaves + leaves, isCommitted: false)
      }
      return nil
    }
  }

  func commit(_ name: [UInt8]) { state.withLock { $0.nodes[name]?.isCommitted = true } }

  /// Whether a tree was committed in some store; nil if nobody ever meant to make it.
  func isCommitted(_ name: [UInt8]) -> Bool? { state.withLock { $0.nodes[name]?.isCommitted } }

  /// Whether the second tree is the first, or continues it.
  package func isPrefix(_ first: [UInt8], of second: [UInt8]) -> Bool {
    state.withLock { state in
      guard let first = state.nodes[first], let second = state.nodes[second] else { return false }
      return second.leaves.starts(with: first.leaves)
    }
  }

  /// The leaves of a tree behind those of the first tree, in order.
  package func leaves(of name: [UInt8]) -> [Digest] {
    state.withLock { $0.nodes[name]?.leaves ?? [] }
  }
}

/// Checkpoints that somebody saw, which must all lie on one line.
struct Line: Sendable {
  private(set) var tip: [UInt8]?

  /// Takes one more; what is wrong with it, if anything is.
  mutating func add(_ name: [UInt8], _ history: History, mayGoBack: Bool = true) -> String? {
    guard history.isCommitted(name) != nil else { return "a tree that nobody meant to make" }
    guard let tip else {
      self.tip = name
      return nil
    }
    if history.isPrefix(tip, of: name) {
      self.tip = name
      return nil
    }
    if history.isPrefix(name, of: tip) { return mayGoBack ? nil : "it goes back" }
    return "two trees of which neither continues the other"
  }
}
