// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import Testing

@Suite struct WholeElectionTests {
  // adversary: C-07, a contest of a ballot style that nobody has
  @Test func aWholeElectionGivesTheTotalsAddedUpByHand() throws {
    let fixture = try ElectionFixture.toy(.certified)
    let totals = fixture.state.result?.contests.map { $0.options.map(\.total) }
    #expect(totals == ElectionFixture.playedTotals)
    #expect(
      fixture.counts == BallotCounts(submitted: 8, cast: 6, challenged: 1, counted: 5))
    #expect(fixture.state.phase == .certified)
  }
}
