//! Whatever is given, the reader answers, and the same way each time.

use proptest::prelude::{any, proptest};

use super::demo;
use crate::template::scalar::plain;

proptest! {
    #[test]
    fn no_source_makes_the_reader_panic(source in any::<String>()) {
        assert_eq!(demo(&source, &[]), demo(&source, &[]));
    }

    #[test]
    fn no_template_of_our_words_makes_it_panic(
        source in "(Resources:|Outputs:|[ \n]{1,3}|!Ref |!Sub |!If |[A-C]: |'\\$\\{[A-C]'|\\[|\\]|\\{|\\}|,|- |Type: AWS::SQS::Queue){0,40}",
    ) {
        if let Err(error) = demo(&source, &[]) {
            assert!(!error.problems.is_empty(), "{source}");
            assert!(error.problems.iter().all(|problem| problem.line >= 1), "{error}");
        }
    }

    #[test]
    fn a_plain_integer_is_itself(number in any::<i64>()) {
        let value = plain(&number.to_string()).map(|value| format!("{value:?}"));
        assert_eq!(value, Ok(format!("Number(Number({number}))")));
    }
}
