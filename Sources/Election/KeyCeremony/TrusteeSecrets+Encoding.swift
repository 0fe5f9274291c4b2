// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups

/// Secrets as secret bytes, for a trustee's encrypted file.
extension TrusteeSecrets {
  /// a_0 … a_{k−1} ‖ â_0 … â_{k−1} ‖ ζ, 32 bytes each.
  public borrowing func encoded(in group: Group) -> SecretBytes {
    var bytes = SecretBytes(zeros: 0)
    for index in 0..<voteCoefficients.count {
      bytes = bytes.appending(voteCoefficients.with(index) { group.encoded($0) })
    }
    for index in 0..<dataCoefficients.count {
      bytes = bytes.appending(dataCoefficients.with(index) { group.encoded($0) })
    }
    return bytes.appending(group.encoded(communicationSecret))
  }

  /// Reads what `encoded` wrote; nil for no bytes.
  /// - Throws: `GroupError` for another length or values out of range.
  public init?(
    trustee: Int, encoded bytes: borrowing SecretBytes, in group: Group
  ) throws(GroupError) {
    let count = bytes.count / 32
    guard bytes.count % 32 == 0, count % 2 == 1 else { return nil }
    func scalar(_ index: Int) throws(GroupError) -> SecretScalar {
      guard let slice = bytes.slice(index * 32..<index * 32 + 32) else { throw .outOfRange }
      return try group.secretScalar(bytes: slice)
    }
    let threshold = count / 2
    let vote = try SecretScalars(count: threshold) { index throws(GroupError) in
      try scalar(index)
    }
    let data = try SecretScalars(count: threshold) { index throws(GroupError) in
      try scalar(threshold + index)
    }
    self.init(
      trustee: trustee, voteCoefficients: vote, dataCoefficients: data,
      communicationSecret: try scalar(2 * threshold))
  }
}

extension TrusteeShare {
  /// z ‖ ẑ, 64 bytes.
  public borrowing func encoded(in group: Group) -> SecretBytes {
    group.encoded(voteShare).appending(group.encoded(dataShare))
  }

  /// Reads what `encoded` wrote; nil for no bytes.
  /// - Throws: `GroupError` for values out of range.
  public init?(
    trustee: Int, encoded bytes: borrowing SecretBytes, in group: Group
  ) throws(GroupError) {
    guard bytes.count == 64, let vote = bytes.slice(0..<32), let data = bytes.slice(32..<64) else {
      return nil
    }
    self.init(
      trustee: trustee, voteShare: try group.secretScalar(bytes: vote),
      dataShare: try group.secretScalar(bytes: data))
  }
}
