use longshore_simulate::Shape;
use crate::grid::Grid;
pub(crate) fn print(_: &Grid, _: &[Shape]) -> bool { true }
