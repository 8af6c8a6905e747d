"""HiGHS solves mixed-integer programs; it is imported when it is first used: it takes 0.3 s."""

from typing import Any

from ordito.platform.problems import Problem
from ordito.sourcing.joint.types import Program, Solution


class SolverMissing(Problem):
    """The solver is not installed. Run `pip install "ordito[opt]"`, then start again."""

    slug = "solver-missing"
    title = "Orders can't be planned together on this installation"
    status = 501


def solve(program: Program, seconds: float, gap: float) -> Solution:
    """The best solution found in the time, and a proved bound; raises SolverMissing.

    Other threads go on while it works. One thread of its own: plans are alike on every run.
    """
    try:
        import highspy
    except ImportError as fault:
        raise SolverMissing('Install it with: pip install "ordito[opt]".') from fault
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("time_limit", max(0.01, seconds)),
        ("mip_rel_gap", gap),
        ("mip_feasibility_tolerance", 1e-7),
        ("random_seed", 1),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(_model(highspy, program))
    if program.start:
        start = highspy.HighsSolution()
        start.col_value = program.start
        solver.setSolution(start)
    solver.run()
    info = solver.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = list(solver.getSolution().col_value) if found else None
    if any(program.whole):
        bound = info.mip_dual_bound
    else:
        done = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        bound = info.objective_function_value if done else 0.0
    return Solution(values, max(0.0, bound))


def _model(highspy: Any, program: Program) -> Any:
    import numpy as np

    model = highspy.HighsLp()
    model.num_col_ = len(program.cost)
    model.num_row_ = len(program.rows)
    model.col_cost_ = np.array(program.cost, dtype=np.float64)
    model.col_lower_ = np.zeros(len(program.cost))
    model.col_upper_ = np.array(program.upper, dtype=np.float64)
    model.row_lower_ = np.array([row[0] for row in program.rows], dtype=np.float64)
    model.row_upper_ = np.array([row[1] for row in program.rows], dtype=np.float64)
    starts = np.cumsum([0, *(len(row[2]) for row in program.rows)])
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = starts.astype(np.int32)
    matrix.index_ = np.array([c for row in program.rows for c in row[2]], dtype=np.int32)
    matrix.value_ = np.array([f for row in program.rows for f in row[3]], dtype=np.float64)
    whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [whole if is_whole else real for is_whole in program.whole]
    return model
